import { labelOfSystem } from '../binary/systemCode.ts';
import { stateOfVerification, type Verification, type VerificationState } from '../model/verification.ts';

/** What `verify --format json` prints of one evaluation or store path. */
export interface JsonVerification extends Omit<Verification, 'expected'> {
  readonly state: VerificationState;
  readonly expected?: Verification['expected'] & {
    /** What native code has to be, for people: `ELF x86-64`. */
    readonly code: string;
  };
}

export function verificationJson(verification: Verification): JsonVerification {
  const { expected, ...rest } = verification;
  return {
    ...rest,
    state: stateOfVerification(verification),
    ...(expected && { expected: { ...expected, code: labelOfSystem(expected.system) } }),
  };
}
