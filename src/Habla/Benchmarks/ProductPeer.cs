using System.Diagnostics;
using System.Globalization;

namespace Habla.Benchmarks;

/// <summary>
/// Another library's matrix product, timed by a program of its own that answers a line "FORM M N K SECONDS" with the median and the
/// shortest time of a call (see bench/peers).
/// </summary>
internal sealed class ProductPeer : IDisposable
{
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
    public double Time(ProductShape shape, double seconds)
    {
        _process.StandardInput.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{shape.Form.ToString().ToLowerInvariant()} {shape.M} {shape.N} {shape.K} {seconds}"));
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLine();
        return double.TryParse(answer?.Split(' ')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double time)
            ? time
            : throw new InvalidInputException($"the peer {Name} answered '{answer}' instead of two times");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
