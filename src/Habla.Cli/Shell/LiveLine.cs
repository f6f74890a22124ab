using System.Text;
using Spectre.Console;

namespace Habla.Cli.Shell;

/// <summary>
/// One line at the foot of a terminal that is written again and again, as wide as the terminal is at that moment. Other lines that
/// are said meanwhile go above it.
/// </summary>
internal sealed class LiveLine : IDisposable
{
    // A program hears of a new width later than the terminal has it: a line for the old one must not go on in the next.
    private const string NoWrap = "\e[?7l", Wrap = "\e[?7h";

    private static readonly TimeSpan _refresh = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private readonly Func<int, string> _compose;
    private readonly Timer _timer;
    private int _drawn;
    private bool _ended;

    /// <summary>Shows the line until it is disposed, and leaves it as it is then.</summary>
    /// <param name="console">The terminal.</param>
    /// <param name="compose">Gives the line for a width in columns; a longer one is cut.</param>
    public LiveLine(IAnsiConsole console, Func<int, string> compose)
    {
        (_console, _compose) = (console, compose);
        _timer = new Timer(_ => Draw(), null, TimeSpan.Zero, _refresh);
        Current = this;
    }

    /// <summary>The one on the screen; null when there is none.</summary>
    public static LiveLine? Current { get; private set; }

    /// <summary>Writes a line for good, above this one.</summary>
    public void WriteAbove(string line)
    {
        lock (_lock)
        {
            Console.Error.Write(Back(Width()) + line + Environment.NewLine);
            _drawn = 0;
        }

        Draw();
    }

    public void Dispose()
    {
        Current = null;
        _timer.Dispose();
        Draw();
        lock (_lock)
        {
            _ended = true;
            Console.Error.WriteLine();
        }
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            int width = Width();
            string line = _compose(width);
            line = line.Length > width ? line[..width] : line;
            Console.Error.Write(Back(width) + NoWrap + line + Wrap);
            _drawn = line.Length;
        }
    }

    // The last column stays empty: a terminal that has filled it may go to the next line or not.
    private int Width() => Math.Max(1, _console.Profile.Width - 1);

    /// <summary>To the line's beginning, with nothing after it. A terminal that has become narrower has broken it into several.</summary>
    private string Back(int width)
    {
        var text = new StringBuilder("\r");
        int rows = (_drawn - 1) / (width + 1);

        // Only what may have been broken into rows is cleared to the screen's end: some terminals keep what that removes as history.
        return (rows > 0 ? text.Append($"\e[{rows}A\e[J") : text.Append("\e[K")).ToString();
    }
}
