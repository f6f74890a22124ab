using System.Globalization;
using Habla.Training;
using Spectre.Console;

namespace Habla.Cli.Shell;

/// <summary>Shows a run as it goes: a live bar on a terminal, a line every <c>log_every</c> steps elsewhere.</summary>
internal sealed class TrainingDisplay : ITrainingListener
{
    private const int LeastBar = 4, MostBar = 40, RemainingTime = 8, Gaps = 3;

    private readonly IAnsiConsole _console;
    private readonly int _logEvery;
    private readonly int _totalSteps;
    private ProgressTask? _bar;
    private int _lineWidth;
    private bool _roomForAll;
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

        // Widths are settled before the run, so that nothing wraps or moves as the numbers change.
        int room = _console.Profile.Width - RemainingTime - Gaps;
        _lineWidth = LongestLine(all: true);
        _roomForAll = room - _lineWidth >= 2 * LeastBar;
        _lineWidth = _roomForAll ? _lineWidth : LongestLine(all: false);
        _console.Progress()
            .AutoClear(false)
            .Columns(
                new ProgressBarColumn { Width = Math.Clamp(room - _lineWidth, LeastBar, MostBar) },
                new TaskDescriptionColumn { Alignment = Justify.Left }, new RemainingTimeColumn())
            .Start(context =>
            {
                _bar = context.AddTask("starting".PadRight(_lineWidth), maxValue: _totalSteps);
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
            _bar.Description = Markup.Escape(Line(step, _roomForAll).PadRight(_lineWidth));
        }
        else if (due)
        {
            Console.Error.WriteLine(Line(step, all: true));
        }
    }

    public void OnWarning(string warning)
    {
        if (_bar is null)
        {
            Console.Error.WriteLine($"warning: {warning}");
            return;
        }

        // It is written where the bar was, and has to cover all of it.
        var text = Markup.FromInterpolated($"[yellow]warning:[/] {warning}");
        _console.Write(new Padder(text, new Padding(0)).Expand());
    }

    private int LongestLine(bool all) =>
        Line(new StepCompleted(_totalSteps, 0, 99, 1e-4, 99, 0, 999_999, 99), all).Length
        + (_validationLoss is null ? "val 99.0000  ".Length : 0);

    private string Line(StepCompleted step, bool all) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(all ? "step " : "")}{step.Step}/{_totalSteps}  loss {Loss(step.Loss)}  "
        + $"{(_validationLoss is { } loss ? $"val {Loss(loss)}  " : "")}"
        + $"lr {step.LearningRate:0.00e+0}  {(all ? string.Create(CultureInfo.InvariantCulture, $"norm {step.GradientNorm:F2}  ") : "")}"
        + $"{step.TokensPerSecond:N0} {(all ? "tokens/s" : "tok/s")}");

    /// <summary>Four decimals of a loss, and no more than seven characters of one that has run away.</summary>
    private static string Loss(double loss) => loss.ToString(loss < 100 ? "F4" : "0.0e+0", CultureInfo.InvariantCulture);
}
