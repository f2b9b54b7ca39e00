using System.Text;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Packing;

/// <summary>
/// Everything that was left out, a line each: <c>left-out.tsv</c> in the folder of the shards; absent where there is nothing. What is
/// appended is in the file at once; a run that goes on cuts it to where its journal was saved.
/// </summary>
internal sealed class LeftOutFile : IDisposable
{
    public const string FileName = "left-out.tsv";
    private const string Header = "image\tline\treason\tdetail\n";

    private readonly string path;
    private FileStream? file;

    /// <param name="folder">Of the shards.</param>
    /// <param name="length">Bytes to keep; 0: nothing was left out before.</param>
    public LeftOutFile(string folder, long length)
    {
        path = Path.Combine(folder, FileName);
        Length = length;
        if (length == 0)
            File.Delete(path);
    }

    public long Length { get; private set; }

    public void Append(PackItem item, string reason)
    {
        if (file is null)
        {
            file = GuardedFile.Open(path, bufferSize: 0);
            file.SetLength(Length);
            file.Position = Length;
            if (Length == 0)
                Write(Header);
        }
        Write($"{Quoted(item.Name)}\t{item.Line}\t{Quoted(reason)}\t{Quoted(item.Detail ?? "")}\n");
    }

    public void Dispose() => file?.Dispose();

    private void Write(string text)
    {
        file!.Write(Encoding.UTF8.GetBytes(text));
        Length = file.Position;
    }

    private static string Quoted(string value) =>
        value.AsSpan().ContainsAny("\t\n\r\"") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
