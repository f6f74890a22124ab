using System.Text;

namespace Habla.Extraction;

/// <summary>
/// Lays text out as a page would: runs of spaces are one, blocks begin on new lines, and no two blank lines follow each other.
/// </summary>
internal sealed class TextLayout(long mostCharacters)
{
    private readonly StringBuilder _text = new();
    private int _breaks;
    private bool _space;
    private readonly StringBuilder _lead = new();

    /// <summary>Adds words; white space between them is one space, as HTML has it.</summary>
    public void Words(string text)
    {
        foreach (char letter in text)
        {
            // Not char.IsWhiteSpace: a space that does not break is a character like any other.
            if (letter is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _space = true;
            }
            else
            {
                Place();
                _text.Append(letter);
            }
        }

        RequireRoom();
    }

    /// <summary>Adds text as it stands, with its spaces and line ends.</summary>
    public void Exactly(string text)
    {
        string lines = text.TrimEnd('\n');
        if (lines.Length > 0)
        {
            Place();
            _text.Append(lines);
            RequireRoom();
        }

        _breaks += text.Length - lines.Length;
    }

    /// <summary>What comes next begins on a new line.</summary>
    /// <param name="blankLines">How many blank lines stand before it.</param>
    public void Break(int blankLines = 0)
    {
        _breaks = Math.Max(_breaks, blankLines + 1);
        _space = false;
    }

    /// <summary>A line end where one is asked for, even after another.</summary>
    public void LineEnd()
    {
        _breaks++;
        _space = false;
    }

    /// <summary>Stands before what comes next, such as "- " or a tab.</summary>
    public void Lead(string text) => _lead.Append(text);

    /// <summary>What was to stand before the next text stands before none.</summary>
    public void DropLead() => _lead.Clear();

    /// <summary>The text so far, without blank lines around it.</summary>
    public override string ToString() => _text.ToString().Trim('\n');

    private void Place()
    {
        if (_text.Length > 0 && _breaks > 0)
        {
            _text.Append('\n', Math.Min(_breaks, 2));
        }
        else if (_space && _text.Length > 0 && _lead.Length == 0 && _text[^1] is not ('\n' or '\t'))
        {
            _text.Append(' ');
        }

        _text.Append(_lead);
        _lead.Clear();
        _breaks = 0;
        _space = false;
    }

    private void RequireRoom()
    {
        if (_text.Length > mostCharacters)
        {
            throw new SkipException(SkipReason.TooLarge, $"its text has more than {mostCharacters} characters");
        }
    }
}
