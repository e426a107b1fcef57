import { readers } from './subjects.ts';
import { testSubjects } from './support/testSubjects.ts';

testSubjects(readers);
