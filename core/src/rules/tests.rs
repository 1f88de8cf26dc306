mod laws;
mod parsing;
mod table;
