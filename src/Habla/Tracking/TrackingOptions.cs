namespace Habla.Tracking;

/// <summary>Where a run also tells how it goes, besides its own folder. Nothing here changes a bit of the result.</summary>
public sealed record TrackingOptions
{
    private const int LongestExperimentName = 500; // characters, which is what MLflow's servers take

    /// <summary>Whether the run writes event files for TensorBoard under <c>tensorboard/</c> in its folder. Default false.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>
    /// An MLflow tracking server such as <c>http://localhost:5000</c>, or a folder (or <c>file:</c> address) to keep as MLflow's file
    /// store, such as <c>mlruns</c>; null (the default) for none.
    /// </summary>
    public string? MlflowUri { get; init; }

    /// <summary>The experiment of MLflow that the run belongs to; made when there is none. Default habla; 1 to 500 characters.</summary>
    public string MlflowExperiment { get; init; } = "habla";

    /// <summary>Checks every value.</summary>
    /// <exception cref="InvalidInputException">A value is impossible; the message names its <c>tracking.key</c>.</exception>
    public void Validate()
    {
        if (MlflowUri is not null && MlflowAddress.Problem(MlflowUri) is { } problem)
        {
            throw new InvalidOptionException("tracking.mlflow.uri", problem);
        }

        if (MlflowExperiment.Trim().Length == 0 || MlflowExperiment.Length > LongestExperimentName)
        {
            throw new InvalidOptionException(
                "tracking.mlflow.experiment", $"expected a name of 1 to {LongestExperimentName} characters");
        }
    }
}
