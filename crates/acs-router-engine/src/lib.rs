//! acs-router-engine.
