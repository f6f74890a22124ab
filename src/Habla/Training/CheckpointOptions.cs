namespace Habla.Training;

/// <summary>When a run saves itself, and how much of its past it keeps.</summary>
public sealed record CheckpointOptions
{
    internal static readonly OptionRange EveryRange = OptionRange.ZeroOrMore;
    internal static readonly OptionRange KeepRange = OptionRange.ZeroOrMore;

    /// <summary>
    /// Steps between two saves of <c>checkpoints/last</c>; 0 saves only at the end, or when the run is interrupted.
    /// Default 500; at least 0.
    /// </summary>
    public int Every { get; init; } = 500;

    /// <summary>
    /// How many of the newest saves also stay as <c>checkpoints/step-N</c>; 0 keeps none beside <c>last</c>.
    /// Default 0; at least 0.
    /// </summary>
    public int Keep { get; init; }

    /// <summary>Whether the weights with the least validation loss are kept as <c>checkpoints/best</c>. Default true.</summary>
    public bool Best { get; init; } = true;

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>checkpoint.key</c>.</exception>
    public void Validate()
    {
        EveryRange.Check("checkpoint.every", Every);
        KeepRange.Check("checkpoint.keep", Keep);
    }
}
