using System.Diagnostics;
using System.Globalization;
using Habla.Training;
using Spectre.Console;

namespace Habla.Cli.Shell;

/// <summary>Shows a run as it goes: a live line on a terminal, a line every <c>log_every</c> steps elsewhere.</summary>
internal sealed class TrainingDisplay : ITrainingListener
{
    // What a narrow terminal does without, one after another; the step and the losses stay.
    private const int Speed = 1, LearningRate = 2, Norm = 3, Bar = 4;

    private const int LeastBar = 4, MostBar = 40;

    private readonly IAnsiConsole _console;
    private readonly int _logEvery;
    private readonly int _totalSteps;
    private readonly Stopwatch _watch = new();
    private bool _live;
    private int _stepsBefore;
    private volatile StepCompleted? _newest;
    private double? _validationLoss;

    public TrainingDisplay(IAnsiConsole console, int logEvery, int totalSteps) =>
        (_console, _logEvery, _totalSteps) = (console, logEvery, totalSteps);

    /// <summary>Runs the work with the line on screen where there is a terminal.</summary>
    public void Show(int stepsDone, Action work)
    {
        _stepsBefore = stepsDone;
        _live = _console.Profile.Capabilities is { Interactive: true, Ansi: true };
        _watch.Start();
        using LiveLine? line = _live ? new LiveLine(_console, LiveText) : null;
        work();
    }

    public void OnStep(StepCompleted step)
    {
        _validationLoss = step.ValidationLoss ?? _validationLoss;
        _newest = step;
        bool due = step.Step % _logEvery == 0 || step.Step == 1 || step.Step == _totalSteps || step.ValidationLoss is not null;
        if (!_live && due)
        {
            Console.Error.WriteLine(Line(step, without: 0));
        }
    }

    public void OnWarning(string warning) => Terminal.Notice($"warning: {warning}");

    /// <summary>As much as there is room for, so that the line never breaks.</summary>
    private string LiveText(int width)
    {
        if (_newest is not { } step)
        {
            return $"starting: {_stepsBefore}/{_totalSteps}";
        }

        string remaining = Remaining(step.Step);
        int without = 0;
        while (without < Bar && Longest(without) + remaining.Length + 2 + LeastBar + 1 > width)
        {
            without++;
        }

        string text = Line(step, without).PadRight(Math.Min(Longest(without), Math.Max(0, width - remaining.Length - 2)));
        text = $"{text}  {remaining}";
        int bar = Math.Min(MostBar, width - text.Length - 1);
        return without < Bar && bar >= LeastBar ? $"{BarOf(step.Step, bar)} {text}" : text;
    }

    private string BarOf(int step, int width)
    {
        int done = (int)((long)step * width / Math.Max(1, _totalSteps));
        (char full, char empty) = _console.Profile.Capabilities.Unicode ? ('━', '·') : ('=', '.');
        return new string(full, done) + new string(empty, width - done);
    }

    private string Remaining(int step)
    {
        int here = step - _stepsBefore;
        if (here <= 0)
        {
            return "";
        }

        var left = TimeSpan.FromSeconds(Math.Min(_watch.Elapsed.TotalSeconds / here * (_totalSteps - step), 1e8));
        return left.ToString(left.Days > 0 ? @"d\.hh\:mm\:ss" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);
    }

    // Numbers change their length; what stands beside them does not move.
    private int Longest(int without) => Line(new StepCompleted(_totalSteps, 0, 99, 1e-4, 99, 0, 999_999, null), without).Length;

    private string Line(StepCompleted step, int without)
    {
        var invariant = CultureInfo.InvariantCulture;
        string validation = _validationLoss is { } loss ? $"  val {Loss(loss)}" : "";
        string rate = without < LearningRate ? string.Create(invariant, $"  lr {step.LearningRate:0.00e+0}") : "";
        string norm = without < Norm ? string.Create(invariant, $"  norm {step.GradientNorm:F2}") : "";
        string speed = without < Speed ? string.Create(invariant, $"  {step.TokensPerSecond:N0} tokens/s") : "";
        string word = without < Bar ? "step " : "";
        return string.Create(invariant, $"{word}{step.Step}/{_totalSteps}  loss {Loss(step.Loss)}") + validation + rate + norm + speed;
    }

    /// <summary>Four decimals of a loss, and no more than seven characters of one that has run away.</summary>
    private static string Loss(double loss) => loss.ToString(loss < 100 ? "F4" : "0.0e+0", CultureInfo.InvariantCulture);
}
