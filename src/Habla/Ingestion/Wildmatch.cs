namespace Habla.Ingestion;

/// <summary>
/// Holds a path against a pattern as git does it, byte by byte in UTF-8: "*" and "?" never match "/", "**" between slashes matches
/// any number of folders, "[a-z]" is a set and a backslash takes the next character as it is.
/// </summary>
/// <remarks>
/// The two ways to give up early are what keeps a pattern with many stars from trying every way to split the name.
/// </remarks>
internal static class Wildmatch
{
    private enum Outcome
    {
        Match,
        NoMatch,

        /// <summary>No star before could match more and help.</summary>
        GiveUp,

        /// <summary>Only a star that may pass a slash could match more and help.</summary>
        GiveUpToDoubleStar,
    }

    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> path) => Match(pattern, 0, path, 0) == Outcome.Match;

    private static Outcome Match(ReadOnlySpan<byte> pattern, int p, ReadOnlySpan<byte> text, int t)
    {
        for (; p < pattern.Length; p++, t++)
        {
            if (t == text.Length && pattern[p] != '*')
            {
                return Outcome.GiveUp;
            }

            switch (pattern[p])
            {
                case (byte)'?' when text[t] != '/':
                    break;
                case (byte)'[' when text[t] != '/':
                    if (!InSet(pattern, ref p, text[t]))
                    {
                        return p >= pattern.Length ? Outcome.GiveUp : Outcome.NoMatch;
                    }

                    break;
                case (byte)'?' or (byte)'[':
                    return Outcome.NoMatch;
                case (byte)'*':
                    return Star(pattern, p, text, t);
                case (byte)'\\':
                    if (++p == pattern.Length || pattern[p] != text[t])
                    {
                        return Outcome.NoMatch;
                    }

                    break;
                default:
                    if (pattern[p] != text[t])
                    {
                        return Outcome.NoMatch;
                    }

                    break;
            }
        }

        return t == text.Length ? Outcome.Match : Outcome.NoMatch;
    }

    private static Outcome Star(ReadOnlySpan<byte> pattern, int p, ReadOnlySpan<byte> text, int t)
    {
        int before = p - 1;
        bool passesSlash = false;
        if (++p < pattern.Length && pattern[p] == '*')
        {
            while (p < pattern.Length && pattern[p] == '*')
            {
                p++;
            }

            bool whole = (before < 0 || pattern[before] == '/')
                && (p == pattern.Length || pattern[p] == '/' || pattern[p..].StartsWith("\\/"u8));
            if (whole)
            {
                // "a/**/b" matches "a/b": first try no folder at all.
                if (p < pattern.Length && pattern[p] == '/' && Match(pattern, p + 1, text, t) == Outcome.Match)
                {
                    return Outcome.Match;
                }

                passesSlash = true;
            }
        }

        if (p == pattern.Length)
        {
            return passesSlash || !text[t..].Contains((byte)'/') ? Outcome.Match : Outcome.GiveUpToDoubleStar;
        }

        if (!passesSlash && pattern[p] == '/')
        {
            int slash = text[t..].IndexOf((byte)'/');
            return slash < 0 ? Outcome.GiveUpToDoubleStar : Match(pattern, p + 1, text, t + slash + 1);
        }

        for (; t < text.Length; t++)
        {
            Outcome rest = Match(pattern, p, text, t);
            if (rest != Outcome.NoMatch)
            {
                if (!passesSlash || rest != Outcome.GiveUpToDoubleStar)
                {
                    return rest;
                }
            }
            else if (!passesSlash && text[t] == '/')
            {
                return Outcome.GiveUpToDoubleStar;
            }
        }

        return Outcome.GiveUp;
    }

    /// <summary>Whether a byte is in the set that begins at p; p is then at its "]", or past the end where there is none.</summary>
    private static bool InSet(ReadOnlySpan<byte> pattern, ref int p, byte sought)
    {
        p++;
        bool negated = p < pattern.Length && pattern[p] is (byte)'!' or (byte)'^', found = false;
        p += negated ? 1 : 0;
        int previous = -1; // what a range may begin with
        for (bool first = true; ; first = false, p++)
        {
            if (p >= pattern.Length)
            {
                return false;
            }

            if (pattern[p] == ']' && !first)
            {
                return found != negated;
            }

            if (pattern[p] == '-' && previous >= 0 && p + 1 < pattern.Length && pattern[p + 1] != ']')
            {
                if (pattern[++p] == '\\' && ++p >= pattern.Length)
                {
                    return false;
                }

                found |= sought >= previous && sought <= pattern[p];
                previous = -1;
            }
            else if (ClassAt(pattern, p) is { } end)
            {
                if (InClass(pattern[(p + 2)..(end - 1)], sought) is not { } member)
                {
                    p = pattern.Length;
                    return false;
                }

                found |= member;
                p = end;
                previous = -1;
            }
            else
            {
                if (pattern[p] == '\\' && ++p >= pattern.Length)
                {
                    return false;
                }

                found |= sought == pattern[p];
                previous = pattern[p];
            }
        }
    }

    /// <summary>Where the "]" of a class such as "[:alpha:]" is, when one begins here.</summary>
    private static int? ClassAt(ReadOnlySpan<byte> pattern, int p)
    {
        if (!pattern[p..].StartsWith("[:"u8))
        {
            return null;
        }

        int end = pattern[(p + 2)..].IndexOf((byte)']');
        return end >= 1 && pattern[p + 1 + end] == ':' ? p + 2 + end : null;
    }

    /// <summary>Null where there is no such class.</summary>
    private static bool? InClass(ReadOnlySpan<byte> name, byte sought)
    {
        char c = (char)sought;
        return name switch
        {
            _ when name.SequenceEqual("alnum"u8) => char.IsAsciiLetterOrDigit(c),
            _ when name.SequenceEqual("alpha"u8) => char.IsAsciiLetter(c),
            _ when name.SequenceEqual("blank"u8) => c is ' ' or '\t',
            _ when name.SequenceEqual("cntrl"u8) => c is < ' ' or '\x7f',
            _ when name.SequenceEqual("digit"u8) => char.IsAsciiDigit(c),
            _ when name.SequenceEqual("graph"u8) => c is > ' ' and < '\x7f',
            _ when name.SequenceEqual("lower"u8) => char.IsAsciiLetterLower(c),
            _ when name.SequenceEqual("print"u8) => c is >= ' ' and < '\x7f',
            _ when name.SequenceEqual("punct"u8) => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c),
            _ when name.SequenceEqual("space"u8) => c is ' ' or (>= '\t' and <= '\r'),
            _ when name.SequenceEqual("upper"u8) => char.IsAsciiLetterUpper(c),
            _ when name.SequenceEqual("xdigit"u8) => char.IsAsciiHexDigit(c),
            _ => null,
        };
    }
}
