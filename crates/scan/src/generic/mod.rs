//! Generic secrets: assignments whose name promises a secret.
