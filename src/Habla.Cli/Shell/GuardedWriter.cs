using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Habla.Cli.Shell;

/// <summary>
/// Standard output or error that may be lost while a command goes on: the disk behind it is full, or it was closed. Notes for people
/// are then dropped, since no training is worth them; a result that nobody gets is the command failing.
/// </summary>
internal sealed class GuardedWriter : TextWriter
{
    private readonly TextWriter? _inner;
    private readonly bool _mayBeLost;
    private Exception? _lost;

    private GuardedWriter(Func<TextWriter> open, bool mayBeLost)
    {
        _mayBeLost = mayBeLost;
        try
        {
            _inner = open();
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = error; // closed before the process began
        }
    }

    /// <inheritdoc/>
    public override Encoding Encoding => _inner?.Encoding ?? Encoding.UTF8;

    /// <summary>Guards both for the rest of the process.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "they live as long as the process")]
    public static void Install()
    {
        Console.SetError(new GuardedWriter(() => Console.Error, mayBeLost: true));
        Console.SetOut(new GuardedWriter(() => Console.Out, mayBeLost: false));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(writer => writer.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(writer => writer.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(writer => writer.Flush());

    private static bool IsLoss(Exception error) =>
        error is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException;

    private void Try(Action<TextWriter> write)
    {
        try
        {
            if (_lost is null)
            {
                write(_inner!);
            }
        }
        catch (Exception error) when (IsLoss(error))
        {
            _lost = error;
        }

        if (_lost is not null && !_mayBeLost)
        {
            throw new OutputLostException(_lost);
        }
    }
}
