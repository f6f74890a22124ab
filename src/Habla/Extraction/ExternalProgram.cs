using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Habla.Extraction;

/// <summary>
/// A program that is run for one file at a time, with a limit of time, of memory and of what it writes. It gets its input through
/// standard input or by a full path, so that no name of a file can be taken for an option.
/// </summary>
internal sealed partial class ExternalProgram
{
    private const int Interrupted = 130;

    private readonly string _name, _package;
    private readonly string? _limiter;
    private readonly Lazy<string> _version;

    /// <param name="name">What people call it.</param>
    /// <param name="file">The file to look for on the path, or a path.</param>
    /// <param name="package">The package that has it.</param>
    /// <param name="versionOption">The option with which it says its version.</param>
    /// <param name="limiter">Where prlimit is; null when there is none.</param>
    public ExternalProgram(string name, string file, string package, string versionOption, string? limiter)
    {
        _name = name;
        _package = package;
        _limiter = limiter;
        Path = Find(file);
        _version = new Lazy<string>(() => Path is null ? $"no {name}" : $"{name} {AskVersion(versionOption)}");
    }

    /// <summary>Limits for asking a program what it is.</summary>
    public static ProgramLimits LookUp { get; } = new(TimeSpan.FromSeconds(20), 1024, 1 << 20);

    /// <summary>Where it is; null when it is not installed.</summary>
    public string? Path { get; }

    /// <summary>Its name and version, such as <c>pdftotext 22.12.0</c>; asked for once.</summary>
    public string NameAndVersion => _version.Value;

    /// <summary>Makes sure that it is installed.</summary>
    /// <exception cref="SkipException">It is not.</exception>
    public void Require()
    {
        if (Path is null)
        {
            throw new SkipException(
                SkipReason.ProgramMissing, $"{_name} is not installed; install it with `apt-get install {_package}`");
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it finds on its standard input; null for nothing.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="SkipException">It is not installed, or it passed a limit.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public ProgramOutput Run(IEnumerable<string> arguments, byte[]? input, ProgramLimits limits, CancellationToken stop)
    {
        Require();
        Process process;
        try
        {
            process = Process.Start(StartInfo(arguments, limits))!;
        }
        catch (Win32Exception error)
        {
            throw new SkipException(SkipReason.ProgramMissing, $"{_name} cannot be started: {OneLine.Of(error)}");
        }

        using (process)
        {
            using var pipes = new ProgramPipes(process, input, limits.OutputBytes);
            long started = Stopwatch.GetTimestamp();
            try
            {
                while (!process.WaitForExit(50))
                {
                    stop.ThrowIfCancellationRequested();
                    RequireWithin(limits, started, pipes);
                }
            }
            finally
            {
                ProgramPipes.Kill(process);
            }

            pipes.Join();
            RequireWithin(limits, started: null, pipes);
            if (process.ExitCode == Interrupted)
            {
                // Ctrl-C reaches the program before this process has made up its mind to stop.
                stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(1));
                stop.ThrowIfCancellationRequested();
            }

            var output = new ProgramOutput(process.ExitCode, pipes.Output, pipes.Complaints);
            return !output.LackedMemory ? output : throw new SkipException(
                SkipReason.TooMuchMemory, $"{_name} needs more than {limits.MemoryMb} MiB for it");
        }
    }

    /// <summary>Looks a program up where the shell would.</summary>
    public static string? Find(string file) => file.Contains('/') ? (File.Exists(file) ? file : null)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private void RequireWithin(ProgramLimits limits, long? started, ProgramPipes pipes)
    {
        if (pipes.WroteTooMuch)
        {
            throw new SkipException(SkipReason.TooLarge, $"{_name} makes more than {limits.OutputBytes} bytes of it");
        }

        if (started is { } start && Stopwatch.GetElapsedTime(start) > limits.Time)
        {
            throw new SkipException(
                SkipReason.TooSlow, FormattableString.Invariant($"{_name} took longer than {limits.Time.TotalSeconds:0.###} seconds"));
        }
    }

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments, ProgramLimits limits)
    {
        // The limit of processor time ends the program even when this process was killed and nobody looks at the clock.
        string[] limited = _limiter is null ? [] :
        [
            FormattableString.Invariant($"--as={(long)limits.MemoryMb << 20}"),
            FormattableString.Invariant($"--cpu={(long)Math.Ceiling(limits.Time.TotalSeconds) + 1}"), "--core=0", "--", Path!,
        ];
        var info = new ProcessStartInfo(_limiter ?? Path!, [.. limited, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        info.Environment["LC_ALL"] = "C.UTF-8";

        // One thread: files are read side by side already, and the text does not depend on the machine.
        info.Environment["OMP_THREAD_LIMIT"] = "1";
        return info;
    }

    private string AskVersion(string option)
    {
        try
        {
            ProgramOutput said = Run([option], null, LookUp, CancellationToken.None);
            return Version().Match(said.Text + said.Complaints) is { Success: true } found ? found.Value : "of an unknown version";
        }
        catch (SkipException)
        {
            return "of an unknown version";
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Version();
}
