using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Habla.Storage;

/// <summary>
/// A JSON Lines file that is appended to. A line is with the system before <see cref="Append"/> returns, so that a killed run loses
/// nothing it has told. Opened by <see cref="JsonLines{T}.Open"/>.
/// </summary>
/// <typeparam name="T">What a line holds.</typeparam>
public sealed class JsonLinesFile<T> : IDisposable
    where T : class
{
    private readonly string _path;
    private readonly JsonSerializerOptions _format;
    private readonly SafeFileHandle _file;
    private long _length;
    private bool _closed;

    internal JsonLinesFile(string path, long length, JsonSerializerOptions format)
    {
        (_path, _length, _format) = (path, length, format);
        _file = Guarded(() => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite));
        CutBack();
    }

    /// <summary>Appends a line.</summary>
    /// <param name="line">The line; NaN and infinity are written as "NaN", "Infinity" and "-Infinity".</param>
    /// <exception cref="InvalidInputException">The file cannot be written (a full disk); it is as before.</exception>
    public void Append(T line)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, _format), (byte)'\n'];
        try
        {
            Guarded(() =>
            {
                RandomAccess.Write(_file, bytes, _length);
                return _length += bytes.Length;
            });
        }
        catch (InvalidInputException)
        {
            CutBack();
            throw;
        }
    }

    /// <summary>Brings the lines so far to the disk, so that a power failure leaves no log that is older than a checkpoint.</summary>
    /// <remarks>May be called while another thread appends, and after the end.</remarks>
    /// <exception cref="InvalidInputException">The disk did not take them.</exception>
    public void FlushToDisk()
    {
        lock (_file)
        {
            if (!_closed)
            {
                Guarded(() =>
                {
                    RandomAccess.FlushToDisk(_file);
                    return true;
                });
            }
        }
    }

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose()
    {
        try
        {
            FlushToDisk();
        }
        catch (InvalidInputException)
        {
            // Whoever needed the lines on disk has called FlushToDisk, and was told.
        }

        lock (_file)
        {
            _closed = true;
            _file.Dispose();
        }
    }

    private void CutBack() => Guarded(() =>
    {
        RandomAccess.SetLength(_file, _length);
        return true;
    });

    private TResult Guarded<TResult>(Func<TResult> work) => JsonLines<T>.Guarded(_path, work);
}
