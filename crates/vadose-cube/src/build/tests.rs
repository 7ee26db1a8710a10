//! Builds of a small fake archive: what is written, when, and what is not.
