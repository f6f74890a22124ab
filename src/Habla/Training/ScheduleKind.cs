namespace Habla.Training;

/// <summary>How the learning rate moves after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Stays at lr_max.</summary>
    Constant,

    /// <summary>Falls on a straight line to lr_min.</summary>
    Linear,

    /// <summary>Falls on half a cosine to lr_min.</summary>
    /// <remarks>Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.</remarks>
    Cosine,

    /// <summary>Falls on half a cosine to lr_min and begins again at lr_max, in cycles that may grow.</summary>
    Restarts,
}
