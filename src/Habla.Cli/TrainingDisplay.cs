using System.Globalization;
using Habla.Training;
using Spectre.Console;

namespace Habla.Cli;

/// <summary>Shows a run as it goes: a live bar on a terminal, a line every <c>log_every</c> steps elsewhere.</summary>
internal sealed class TrainingDisplay : ITrainingListener
{
    private readonly IAnsiConsole _console;
    private readonly int _logEvery;
    private readonly int _totalSteps;
    private ProgressTask? _bar;
    private double? _validationLoss;

    public TrainingDisplay(IAnsiConsole console, int logEvery, int totalSteps) =>
        (_console, _logEvery, _totalSteps) = (console, logEvery, totalSteps);

    /// <summary>Runs the work with the bar on screen where there is a terminal.</summary>
    public void Show(int stepsDone, Action work)
    {
        if (!_console.Profile.Capabilities.Interactive || !_console.Profile.Capabilities.Ansi)
        {
            work();
            return;
        }

        _console.Progress()
            .AutoClear(false)
            .Columns(
                new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left },
                new RemainingTimeColumn())
            .Start(context =>
            {
                _bar = context.AddTask("starting", maxValue: _totalSteps);
                _bar.Value = stepsDone;
                work();
                _bar.StopTask();
            });
    }

    public void OnStep(StepCompleted step)
    {
        _validationLoss = step.ValidationLoss ?? _validationLoss;
        bool due = step.Step % _logEvery == 0 || step.Step == 1 || step.Step == _totalSteps || step.ValidationLoss is not null;
        if (_bar is not null)
        {
            _bar.Value = step.Step;
            if (due)
            {
                _bar.Description = Markup.Escape(Line(step));
            }
        }
        else if (due)
        {
            Console.Error.WriteLine(Line(step));
        }
    }

    public void OnWarning(string warning) => _console.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");

    private string Line(StepCompleted step) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {step.Step}/{_totalSteps}  loss {step.Loss:F4}  "
        + $"{(_validationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"val {loss:F4}  ") : "")}"
        + $"lr {step.LearningRate:0.00e+0}  norm {step.GradientNorm:F2}  {step.TokensPerSecond:N0} tokens/s");
}
