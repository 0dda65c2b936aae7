//! The rules of chat, on the engine alone.
