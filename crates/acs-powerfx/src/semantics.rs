//! Where each decision about the language comes from, and where the sources are silent.
//!
//! Three kinds of sources, in this order of weight:
//!
//! - **Reference**: the pages of the Power Fx reference at `learn.microsoft.com/power-platform/power-fx`, named by their
//!   last path segment (`operators`, `data-types`, `expression-grammar`, `reference/function-if` and so on).
//! - **Engine**: the behaviour of the open-source engine, `github.com/microsoft/Power-Fx`, as its published expression
//!   test cases (`ExpressionTestCases/*.txt`), its list of operator levels and its issues state it.
//! - **Choice**: neither says it, or the two disagree with what labels need; the decision is ours.
//!
//! # Reading
//!
//! | Decision | Source |
//! | --- | --- |
//! | Blanks are all Unicode spaces and line ends; comments are `// ...` and `/* ... */`, not nested | Reference, `expression-grammar` |
//! | `"` inside a text and `'` inside a quoted name are written twice | Reference, `expression-grammar`, `operators` |
//! | Names, keywords and functions keep their letter case: `if(...)` and `True` are errors | Reference, `expression-grammar` |
//! | Numbers: `12`, `1.5`, `5.`, `.5`, `1e3`; the point is the decimal separator, the comma separates arguments | Reference, `expression-grammar` |
//! | `And`, `Or`, `Not` directly before `(` are functions, else operators | Reference, `expression-grammar`; Engine |
//! | Levels, loosest first: `Or`, `And`, `in`/`exactin`, comparisons, `&`, `+ -`, `* /`, sign and `!`, `^`, `%` | The reference has no list; Engine |
//! | Operators of one level work from left to right, `^` from right to left: `2^3^2` is 512, `-2^2` is -4 | Engine |
//! | There is no sign `+`: `+5` is an error | Reference, `expression-grammar` |
//! | Unquoted names are letters, digits and `_`; other characters that the grammar admits (combining marks, connectors) need quotes here | Choice |
//! | `!` as property selector, records, tables, chains with `;`, `@`, `As` and `$"..."` are not part of the subset | Choice |
//!
//! # Numbers
//!
//! | Decision | Source |
//! | --- | --- |
//! | Literals, `Value` and whole numbers from outside are decimal: 28 digits, `0.1 + 0.2 = 0.3` | Reference, `numbers`; hosts older than that page count in floating point |
//! | A number beyond ±79,228,162,514,264,337,593,543,950,335 is an error, as literal, label or result | Reference, `numbers` |
//! | `^` with a whole exponent is exact; with any other it keeps 15 digits of the floating-point result | Choice; the engine computes every power in floating point |
//! | `0^0` is 1, zero to a negative power is a division by zero | Engine, `Power.txt` |
//! | `Mod` has the sign of the divisor | Reference, `function-mod` |
//! | `Round` rounds halves away from zero; `Int` goes down, `Trunc` and `RoundDown` towards zero, `RoundUp` away from it | Reference, `function-round` |
//! | Places and counts are cut to whole numbers: `Left("abc", 1.9)` is `"a"` | Engine, `Left.txt`, `Round.txt` |
//! | `Min` and `Max` skip blank arguments; of blanks alone they give blank | Engine, `Min.txt`, issue 1665 |
//!
//! # Blank
//!
//! | Decision | Source |
//! | --- | --- |
//! | A label that is not there is blank | Choice: the samples of the Job Router compare absent labels with `true` and expect the other branch |
//! | Blank counts as 0 in arithmetic, `""` in `&`, `in` and text functions, `false` in conditions | Engine, `Blank.txt`, `BasicCoercion.txt` |
//! | Blank is not equal to `0`, `""` or `false`, only to blank; `<` and its like take it as 0 | Reference, `function-isblank-isempty`; Engine, `Blank.txt` |
//! | `IsBlank` and `Coalesce` take the empty text for blank too | Reference, `function-isblank-isempty` |
//! | `Value` of blank or `""` is blank, so is `Text` of blank; `Text` with a format gives `""` | Engine, `Value.txt`, pull request 1478 |
//! | `If` and `Switch` without a hit and without a default give blank | Reference, `function-if` |
//!
//! # Types
//!
//! | Decision | Source |
//! | --- | --- |
//! | `=` and `<>` between different types: never equal (`1 = "1"` is false) | Engine before its version-1 rules, issue 1207; later versions refuse it. Labels of one name may differ in type from job to job |
//! | `=` on texts regards letter case | Engine |
//! | `< <= > >=` take numbers and blank; a text or a boolean is an error | Engine |
//! | Arithmetic reads texts as numbers and booleans as 0 and 1; other texts are errors | Engine, `BasicCoercion.txt` |
//! | Texts as numbers: `1,234.5`, `$ 5`, `5%`, `2e3`, `(5)` for -5, blanks around; `""` is 0 | Reference, `function-value`; Engine, `Value.txt` |
//! | Conditions read any number but 0 as true, and the texts `true` and `false` in any letter case; `""` is false, other texts are errors | Engine, `AndOrCases.txt`, `Boolean.txt` |
//! | `&` writes numbers without trailing zeros and booleans as `true` and `false` | Engine |
//! | `in` disregards letter case, `exactin` regards it; one side must be a text or blank, the other is written as one (`1 in 123` is an error) | Reference, `operators`; Engine |
//! | All results of `If`, `Switch` and `Coalesce` have the type of the first of which the type is known: `If(false, 1, "2")` is the number 2 | Engine, `If.txt`, `switch.txt`, `Coalesce.txt` |
//! | `Switch` compares as `=` does | Reference, `function-if`; that different types are no match instead of an error is a choice |
//! | A name must be bound also in a branch that is not taken | Engine, `If.txt` |
//! | Operands are evaluated only as far as needed by `And`, `Or`, `If`, `Switch`, `Coalesce` | Reference, `function-if`, `function-isblank-isempty`; Engine, `AndOrCases.txt` |
//!
//! # Texts
//!
//! | Decision | Source |
//! | --- | --- |
//! | `StartsWith` and `EndsWith` disregard letter case; the empty text begins and ends every text | Reference, `function-startswith` |
//! | `Left`, `Right`, `Mid` give what is there; a position below 1 or a negative count is an error | Engine, `Left.txt`, `Mid.txt`; the reference says blank for `Mid` |
//! | `Trim` removes spaces, no other blanks, and leaves one between words | Reference, `function-trim`, which refers to the function of Excel |
//! | `Text` with a format: `0 # . ,` and literals before and behind the digits; anything else is an error that names it | Reference, `function-text` |
//! | A digit sign behind the point that writes nothing takes the point with it: `Text(5, "#.##")` is `"5"` | Choice |
//! | A character is a Unicode scalar value, so `Len("😀")` is 1 | Choice; the engine counts 2 |
//! | `Upper`, `Lower` and comparisons map one character to one character and know no language; `ß` stays | Choice |
