//! acs-auth.
