namespace Habla.Tracking;

/// <summary>Where a run also tells how it goes, besides its own folder. Nothing here changes a bit of the result.</summary>
public sealed record TrackingOptions
{
    /// <summary>Whether the run writes event files for TensorBoard under <c>tensorboard/</c> in its folder. Default false.</summary>
    public bool TensorBoard { get; init; }
}
