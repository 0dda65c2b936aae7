//! acs-core-jobrouter.
