//! acs-examples.
