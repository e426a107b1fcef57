/*
 * The scanner of tree-sitter-nix (https://github.com/nix-community/tree-sitter-nix,
 * MIT, Charles Strahan), less what took a time that grows with the square of the
 * text: scan_path_start read to the end of all path characters at each token (a
 * minute for `1+1+1+…` with 10,000 terms), and what looked for the end of a
 * comment that has none looked for it at each `/` again.
 */
#include <tree_sitter/parser.h>

enum TokenType {
  STRING_FRAGMENT,
  INDENTED_STRING_FRAGMENT,
  PATH_START,
  PATH_FRAGMENT,
  DOLLAR_ESCAPE,
  INDENTED_DOLLAR_ESCAPE,
  UNENDED_COMMENT,
};

static void advance(TSLexer *lexer) {
  lexer->advance(lexer, false);
}

static void skip(TSLexer *lexer) {
  lexer->advance(lexer, true);
}

static bool scan_dollar_escape(TSLexer *lexer) {
  lexer->result_symbol = DOLLAR_ESCAPE;
  advance(lexer);
  lexer->mark_end(lexer);
    if (lexer->lookahead == '$') {
      return true;
  } else {
    return false;
  }
}

static bool scan_indented_dollar_escape(TSLexer *lexer) {
  lexer->result_symbol = INDENTED_DOLLAR_ESCAPE;
  advance(lexer);
  lexer->mark_end(lexer);
    if (lexer->lookahead == '$') {
      return true;
  } else {
    if (lexer->lookahead == '\\') {
      advance(lexer);
      if (lexer->lookahead == '$') {
        lexer->mark_end(lexer);
        return true;
      }
    }
    return false;
  }
}

// Here we only parse literal fragment inside a string.
// Delimiter, interpolation and escape sequence are handled by the parser and we simply stop at them.
//
// The implementation is inspired by tree-sitter-javascript:
// https://github.com/tree-sitter/tree-sitter-javascript/blob/fdeb68ac8d2bd5a78b943528bb68ceda3aade2eb/src/scanner.c#L19
static bool scan_string_fragment(TSLexer *lexer) {
  lexer->result_symbol = STRING_FRAGMENT;
  for (bool has_content = false;; has_content = true) {
    lexer->mark_end(lexer);
    switch (lexer->lookahead) {
      case '"':
      case '\\':
        return has_content;
      case '$':
        advance(lexer);
        if (lexer->lookahead == '{') {
          return has_content;
        } else if (lexer->lookahead != '"' && lexer->lookahead != '\\') {
          // Any char following '$' other than '"', '\\' and '{' (which was handled above)
          // should be consumed as additional string content.
          // This means `$${` doesn't start an interpolation, but `$$${` does.
          advance(lexer);
        }
        break;
      // Simply give up on EOF or '\0'.
      case '\0':
        return false;
      default:
        advance(lexer);
    }
  }
}

// See comments of scan_string_fragment.
static bool scan_indented_string_fragment(TSLexer *lexer) {
  lexer->result_symbol = INDENTED_STRING_FRAGMENT;
  for (bool has_content = false;; has_content = true) {
    lexer->mark_end(lexer);
    switch (lexer->lookahead) {
      case '$':
        advance(lexer);
        if (lexer->lookahead == '{') {
          return has_content;
        } else if (lexer->lookahead != '\'') {
          // Any char following '$' other than '\'' and '{' (which was handled above)
          // should be consumed as additional string content.
          // This means `$${` doesn't start an interpolation, but `$$${` does.
          advance(lexer);
        }
        break;
      case '\'':
        advance(lexer);
        if (lexer->lookahead == '\'') {
          // Two single quotes always stop current string fragment.
          // It can be either an end delimiter '', or escape sequences ''', ''$, ''\<any>
          return has_content;
        }
        break;
      // Simply give up on EOF or '\0'.
      case '\0':
        return false;
      default:
        advance(lexer);
    }
  }
}

static bool is_path_char(int32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '_' || c == '.' || c == '/';
}

// No file system has longer names (NAME_MAX). What is longer without a slash is no path but something
// like `1+1+1+…` or `a.b.c.…`: it must not be read to its end at each of its tokens.
#define LONGEST_NAME 255

// A comment that goes to the end of the text because nothing ends it, from its star on.
static bool scan_unended_comment(TSLexer *lexer) {
  lexer->result_symbol = UNENDED_COMMENT;
  advance(lexer);
  while (!lexer->eof(lexer)) {
    bool after_star = lexer->lookahead == '*';
    advance(lexer);
    if (after_star && lexer->lookahead == '/') {
      return false;
    }
  }
  lexer->mark_end(lexer);
  return true;
}

static bool scan_path_start_or_unended_comment(TSLexer *lexer, const bool *valid_symbols) {
  bool have_sep = false;
  bool have_after_sep = false;
  bool after_sep = false;
  unsigned length = 0;

  // unlike string_fragments which which are preceded by initial token (i.e. '"')
  // and thus will have all leading external whitespace consumed,
  // we have no such luxury with the path_start token.
  //
  // so we must skip over any leading whitespace here.
  while (lexer->lookahead == ' ' || lexer->lookahead == '\n' || lexer->lookahead == '\r' || lexer->lookahead == '\t') {
    skip(lexer);
  }

  if (lexer->lookahead == '/') {
    advance(lexer);
    if (lexer->lookahead == '*') {
      return valid_symbols[UNENDED_COMMENT] && scan_unended_comment(lexer);
    }
    have_sep = true;
    after_sep = true;
  }
  if (!valid_symbols[PATH_START]) {
    return false;
  }
  lexer->result_symbol = PATH_START;

  while (true) {
    lexer->mark_end(lexer);
    int32_t c = lexer->lookahead;

    if (c == '/') {
      // `a//b` updates a set.
      if (after_sep) {
        return have_after_sep;
      }
      have_sep = true;
      after_sep = true;
    } else if (is_path_char(c)) {
      if (have_sep) {
        have_after_sep = true;
      } else if (++length > LONGEST_NAME) {
        return false;
      }
      after_sep = false;
    } else if (c == '$') {
      // starting a interpolation,
      // so we have a valid token as long as we've seen a separator.
      // example: a/${x}
      return have_sep;
    } else {
      // we have a valid token if we've consumed anything after a separator.
      // example: a/b
      return have_after_sep;
    }

    advance(lexer);
  }
}

static bool scan_path_fragment(TSLexer *lexer) {
  lexer->result_symbol = PATH_FRAGMENT;

  for (bool has_content = false;; has_content = true) {
    lexer->mark_end(lexer);
    if (!is_path_char(lexer->lookahead)) {
      return has_content;
    }
    advance(lexer);
  }
}

void *tree_sitter_nix_external_scanner_create() {
  return NULL;
}

bool tree_sitter_nix_external_scanner_scan(void *payload, TSLexer *lexer,
                                            const bool *valid_symbols) {
  // This never happens in valid grammar. Only during error recovery, everything becomes valid.
  // See: https://github.com/tree-sitter/tree-sitter/issues/1259
  //
  // We should not consume any content as string fragment during error recovery, or we'll break
  // more valid grammar below.
  // The test 'attrset typing field following string' covers this.
  if (valid_symbols[STRING_FRAGMENT] &&
      valid_symbols[INDENTED_STRING_FRAGMENT] && valid_symbols[PATH_START] &&
      valid_symbols[PATH_FRAGMENT] && valid_symbols[DOLLAR_ESCAPE] &&
      valid_symbols[INDENTED_DOLLAR_ESCAPE]) {
    return false;
  } else if (valid_symbols[STRING_FRAGMENT]) {
    if (lexer->lookahead == '\\') {
      return scan_dollar_escape(lexer);
    }
    return scan_string_fragment(lexer);
  } else if (valid_symbols[INDENTED_STRING_FRAGMENT]) {
    if (lexer->lookahead == '\'') {
      lexer->mark_end(lexer);
      advance(lexer);
      if (lexer->lookahead == '\'') {
        return scan_indented_dollar_escape(lexer);
      }
    }
    return scan_indented_string_fragment(lexer);
  } else if (valid_symbols[PATH_FRAGMENT] && is_path_char(lexer->lookahead)) {
    // path_fragments should be scanned as immediate tokens, with no preceding extras.
    // so we assert that the very first token is a path character,
    // and otherwise we fall through to the case below.
    // example:
    //   a/b${c} d/e${f}
    //          ^--- note that scanning for the path_fragment will start here.
    //               this *should* be parsed as a function application.
    //               so we want to fall through to the path_start case below,
    //               which will skip the whitespace and correctly scan the following path_start.
    //
    // also, we want this above path_start, because wherever there's ambiguity we want to parse another fragment
    // instead of starting a new path.
    // example:
    //   a/b${c}d/e${f}
    // if we swap the precedence, we'd effectively parse the above as the following function application:
    //   (a/b${c}) (d/e${f})
    return scan_path_fragment(lexer);
  }
  return scan_path_start_or_unended_comment(lexer, valid_symbols);
}

unsigned tree_sitter_nix_external_scanner_serialize(void *payload, char *buffer) {
  return 0;
}

void tree_sitter_nix_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) { }

void tree_sitter_nix_external_scanner_destroy(void *payload) { }
