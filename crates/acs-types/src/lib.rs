//! acs-types.
