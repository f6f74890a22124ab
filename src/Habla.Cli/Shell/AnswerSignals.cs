using System.Runtime.InteropServices;

namespace Habla.Cli.Shell;

/// <summary>Ctrl-C in a conversation: it stops an answer, not the program; at the prompt, the second in a row ends it.</summary>
internal sealed class AnswerSignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration _registration;
    private CancellationTokenSource? _answer;
    private bool _wasAsked;

    public AnswerSignals() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);

    /// <summary>An answer begins; the token is cancelled by Ctrl-C.</summary>
    public CancellationToken Begin()
    {
        lock (_lock)
        {
            _answer = new CancellationTokenSource();
            _wasAsked = false;
            return _answer.Token;
        }
    }

    /// <summary>The answer is over.</summary>
    public void End()
    {
        lock (_lock)
        {
            _answer?.Dispose();
            (_answer, _wasAsked) = (null, false);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _answer?.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_answer is not null)
            {
                _answer.Cancel();
            }
            else if (_wasAsked)
            {
                Console.Error.WriteLine();
                Environment.Exit(ExitCode.Done);
            }
            else
            {
                _wasAsked = true;
                Console.Error.Write("\n(Ctrl-C once more ends; so do Ctrl-D and /exit)\n" + (Console.IsInputRedirected ? "" : "> "));
            }
        }
    }
}
