using System.Globalization;

namespace Habla.Training.Health;

/// <summary>
/// Gradients grow: the median norm of the last <see cref="Window"/> steps is more than <see cref="Factor"/> times that of the first
/// <see cref="Window"/>, and above <see cref="LeastNorm"/>. The median, since a single large gradient is what clipping is for.
/// </summary>
public sealed class ExplodingGradient() : StepDetector(HealthKind.ExplodingGradient)
{
    /// <summary>Steps that a median is taken over.</summary>
    public const int Window = 50;

    /// <summary>How many times the first median is too much.</summary>
    public const double Factor = 10;

    /// <summary>A norm up to this is never too large.</summary>
    public const double LeastNorm = 1;

    private const int Every = 10; // sorting is the dear part

    private readonly RecentValues _norms = new(Window);
    private double _first = double.NaN; // until there is one

    private protected override RecentValues Recent => _norms;

    private protected override IReadOnlyList<double> Marks
    {
        get => [_first];
        set => _first = value[0];
    }

    private protected override string? ProblemAt(StepCompleted step)
    {
        _norms.Add(step.GradientNorm);
        if (!_norms.IsFull || (!double.IsNaN(_first) && step.Step % Every != 0))
        {
            return null;
        }

        double median = _norms.Median;
        _first = double.IsNaN(_first) ? median : _first;
        return median <= LeastNorm || median <= Factor * _first ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"gradients explode: the norm is {median:G3} in the middle of the last {Window} steps, "
                + $"and was {_first:G3} at first (limit {Factor} times); "
            + $"try a lower optimizer.lr_max, a longer scheduler.warmup_steps or a smaller optimizer.clip");
    }
}
