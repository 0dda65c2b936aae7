//! acs-jobrouter.
