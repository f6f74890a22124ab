namespace Habla.Training;

/// <summary>How the losses of single tokens become the loss of a step.</summary>
public enum LossReduction
{
    /// <summary>The mean over all unmasked target tokens of the step's batch, whichever micro-batch they are in.</summary>
    TokenMean,
}
