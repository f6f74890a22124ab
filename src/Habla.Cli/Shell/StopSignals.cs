using System.Runtime.InteropServices;

namespace Habla.Cli.Shell;

/// <summary>
/// SIGINT and SIGTERM ask for a stop, so that what goes on can finish its step and save; a second one ends the process as it would have.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly string _unit;

    /// <param name="unit">What is finished before the stop: a step of training unless said otherwise.</param>
    public StopSignals(string unit = "step")
    {
        _unit = unit;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask),
        ];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _stop.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        if (!_stop.IsCancellationRequested)
        {
            context.Cancel = true;
            _stop.Cancel();
            Terminal.Notice($"stopping after this {_unit}; once more to stop at once");
        }
    }
}
