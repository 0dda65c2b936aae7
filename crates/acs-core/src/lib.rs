//! acs-core.
