//! Real and faithful servers for tests.
