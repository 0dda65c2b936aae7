//! acs-emulator.
