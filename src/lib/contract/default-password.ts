/** Document B's example signs in with it: of the first administrator, until somebody chooses another. */
export const defaultPassword = 'admin';
