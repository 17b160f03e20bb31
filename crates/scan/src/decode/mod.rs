//! Decoders: what turns an encoded run back into text worth scanning.
