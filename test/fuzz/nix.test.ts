import { after } from 'node:test';

import { endWarmNix } from './subjects/nix.ts';
import { withNix } from './support/cases.ts';
import { testSubjects } from './support/testSubjects.ts';

after(endWarmNix);
testSubjects(withNix);
