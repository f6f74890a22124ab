using System.Diagnostics;
using System.Globalization;

namespace Habla.Benchmarks;

/// <summary>
/// Another library's matrix product, timed by a program of its own that answers a line "FORM M N K SECONDS" with the median and the
/// shortest time of a call (see bench/peers).
/// </summary>
internal sealed class ProductPeer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    /// <summary>Starts the program.</summary>
    /// <param name="nameAndProgram">Such as "openblas=bench/peers/gemm_openblas".</param>
    /// <param name="threads">What the program is told to use.</param>
    /// <exception cref="InvalidInputException">The text has no '=', or the program does not start.</exception>
    public ProductPeer(string nameAndProgram, int threads)
    {
        string[] parts = nameAndProgram.Split('=', 2);
        if (parts.Length != 2 || parts.Any(part => part.Length == 0))
        {
            throw new InvalidInputException($"--peer {nameAndProgram}: expected NAME=PROGRAM, such as openblas=bench/peers/gemm_openblas");
        }

        (Name, string program) = (parts[0], parts[1]);
        try
        {
            _process = Process.Start(new ProcessStartInfo(
                Path.GetFullPath(program), threads.ToString(CultureInfo.InvariantCulture))
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidInputException(
                $"the peer {program} does not start: {error.Message}; build the peers with make -C bench/peers", error);
        }
    }

    public string Name { get; }

    /// <summary>The median time of one product, in seconds.</summary>
    /// <exception cref="InvalidInputException">The program stopped, said nothing for a minute, or gave no time.</exception>
    public double Time(ProductShape shape, double seconds)
    {
        string? answer = Ask(string.Create(
            CultureInfo.InvariantCulture,
            $"{shape.Form.ToString().ToLowerInvariant()} {shape.M} {shape.N} {shape.K} {seconds}"));
        return double.TryParse(answer?.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double time)
            && double.IsFinite(time) && time > 0
            ? time
            : throw new InvalidInputException($"the peer {Name} answered '{answer}' instead of two times");
    }

    private string? Ask(string question)
    {
        try
        {
            _process.StandardInput.WriteLine(question);
            _process.StandardInput.Flush();
            Task<string?> answer = _process.StandardOutput.ReadLineAsync();
            return answer.Wait(s_patience)
                ? answer.Result
                : throw new InvalidInputException($"the peer {Name} said nothing for {s_patience.TotalSeconds:0} s");
        }
        catch (IOException)
        {
            throw new InvalidInputException($"the peer {Name} stopped; it is no program of the kind that bench/peers has");
        }
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
