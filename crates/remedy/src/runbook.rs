//! The leak page of a type of secret, bound to the facts of one leak.
