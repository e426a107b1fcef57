import { atOnce, type Steps } from '../model/slices.ts';

/** What is made of a report once, and then stays as long as the report. */
export interface OncePerReport<Report, Value> {
  /** Makes it at one go where nobody has prepared it. */
  (report: Report): Value;
  /** Makes it in steps, for whoever can give way to others. */
  readonly prepare: (report: Report) => Steps<Value>;
}

export function oncePerReport<Report extends object, Value>(
  make: (report: Report) => Steps<Value>,
): OncePerReport<Report, Value> {
  const made = new WeakMap<Report, { readonly value: Value }>();
  function* prepare(report: Report): Steps<Value> {
    // Somebody may ask for it while it is being prepared: then that one stays.
    const known = made.get(report) ?? { value: yield* make(report) };
    const first = made.get(report) ?? known;
    made.set(report, first);
    return first.value;
  }
  return Object.assign((report: Report) => atOnce(prepare(report)), { prepare });
}
