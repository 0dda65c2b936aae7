//! acs-test-support.
