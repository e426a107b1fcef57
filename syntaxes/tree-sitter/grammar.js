/**
 * tree-sitter-nix, and what Nix accepts beyond it. Precedences are those of
 * Nix's src/libexpr/parser.y. Compile with `npm run grammar`.
 */
/* global alias, choice, field, grammar, optional, repeat, repeat1, seq */

const upstream = require('tree-sitter-nix/grammar');

module.exports = grammar(upstream, {
  name: 'nix',

  externals: ($, upstreams) => [...upstreams, $._unended_comment],
  extras: ($, upstreams) => [...upstreams, $.unended_comment],

  rules: {
    // What nothing ends is one comment with an end that is missing, not many operators.
    unended_comment: ($) => seq($._unended_comment, '*/'),

    // The longest scheme that is registered has 36 characters. Without a bound, `a+b+c+…` would be read
    // to its end at each of its names.
    uri_expression: () => /[a-zA-Z][a-zA-Z0-9\+\-\.]{0,40}:[a-zA-Z0-9%\/\?:@\&=\+\$,\-_\.\!\~\*\']+/,

    // What the official formatter writes: { lib, stdenv, }: …
    formals: ($) =>
      choice(
        seq('{', '}'),
        seq('{', formalList($), optional(','), '}'),
        seq('{', formalList($), ',', field('ellipses', $.ellipses), '}'),
        seq('{', field('ellipses', $.ellipses), '}'),
      ),

    // Pipe operators bind weaker than `->`; as in Nix, the two do not mix without parentheses.
    // (Not hidden rules: the fields of those would leak into the expression around them.)
    _expr_if: ($) =>
      choice(
        $.if_expression,
        alias($.pipe_into_expression, $.binary_expression),
        alias($.pipe_from_expression, $.binary_expression),
        $._expr_op,
      ),
    pipe_into_expression: ($) =>
      seq(
        field('left', choice($._expr_op, alias($.pipe_into_expression, $.binary_expression))),
        field('operator', '|>'),
        field('right', $._expr_op),
      ),
    pipe_from_expression: ($) =>
      seq(
        field('left', $._expr_op),
        field('operator', '<|'),
        field('right', choice($._expr_op, alias($.pipe_from_expression, $.binary_expression))),
      ),

    // `~/${name}`: the home folder's slash, then at once an interpolation.
    hpath_expression: ($) =>
      seq(
        choice(
          alias($._hpath_start, $.path_fragment),
          seq(alias('~/', $.path_fragment), alias($._immediate_interpolation, $.interpolation)),
        ),
        repeat(choice($.path_fragment, alias($._immediate_interpolation, $.interpolation))),
      ),

    // `inherit;` and `inherit (e);` inherit nothing, and are legal.
    inherit: ($) => seq('inherit', optional(field('attrs', $.inherited_attrs)), ';'),
    inherit_from: ($) =>
      seq(
        'inherit',
        '(',
        field('expression', $._expression),
        ')',
        optional(field('attrs', $.inherited_attrs)),
        ';',
      ),
  },
});

function formalList($) {
  return seq(field('formal', $.formal), repeat(seq(',', field('formal', $.formal))));
}
