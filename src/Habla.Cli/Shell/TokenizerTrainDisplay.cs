using Habla.BytePairs;

namespace Habla.Cli.Shell;

/// <summary>How far the training of a tokenizer is, on one line that is written again and again where there is a terminal.</summary>
internal sealed class TokenizerTrainDisplay : IDisposable
{
    private readonly LiveLine? _line;
    private string _text = "reading";

    public TokenizerTrainDisplay() =>
        _line = Terminal.Error.Profile.Capabilities is { Interactive: true, Ansi: true }
            ? new LiveLine(Terminal.Error, _ => Volatile.Read(ref _text))
            : null;

    public void Show(ByteLevelProgress progress) => Volatile.Write(ref _text, progress.Merges == 0
        ? FormattableString.Invariant($"counting words: {progress.Bytes / 1e6:0.0} MB")
        : FormattableString.Invariant($"joining: {progress.Merges} of {progress.MergesWanted}"));

    public void Dispose() => _line?.Dispose();
}
