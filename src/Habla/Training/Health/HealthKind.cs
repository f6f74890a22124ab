namespace Habla.Training.Health;

/// <summary>What can look wrong about a run that goes on; a run is warned of each once.</summary>
public enum HealthKind
{
    /// <summary>The first step's loss or gradient norm is not that of a fresh model; see <see cref="StartCheck"/>.</summary>
    FirstStep,

    /// <summary>The training loss goes up.</summary>
    RisingLoss,

    /// <summary>The training loss swings up and down.</summary>
    OscillatingLoss,

    /// <summary>The training loss has stopped falling while the learning rate is still high.</summary>
    Plateau,

    /// <summary>The validation loss is far above the training loss.</summary>
    Overfitting,

    /// <summary>The gradient norm has become many times what it was.</summary>
    ExplodingGradient,

    /// <summary>A layer gives nothing, or learns nothing.</summary>
    DeadLayer,

    /// <summary>A layer gives far larger numbers than it should.</summary>
    ExplodingLayer,
}
