/** Document B's example signs in with it: of the first administrator, until somebody chooses another. */
export const defaultPassword = 'admin';

/** Characters of a password that is set. */
export const shortestPassword = 8;
/** A longer one only costs time in the hash. */
export const longestPassword = 1024;
