//! Directories, files and standard input as sources of blobs.
