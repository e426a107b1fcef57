/** How long all repairs together may be evaluated where nobody says otherwise, in seconds. */
export const repairsTimeLimit = 30;
