using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Packing.Lists;

/// <summary>Opens a list as text.</summary>
internal static class ListFile
{
    /// <summary>Characters of one value, or of one line of JSON: more is not a list of captions.</summary>
    public const int MaxValue = 1 << 20;

    private static readonly Encoding Utf8 = Encoding.GetEncoding(
        "utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(ListRow.Undecodable.ToString()));

    /// <summary>UTF-8, or UTF-16 and UTF-32 with their marks. What is not UTF-8 is read as <see cref="ListRow.Undecodable"/>.</summary>
    /// <exception cref="BadInputException">No such file, or no text.</exception>
    public static StreamReader Open(string file)
    {
        if (FileKinds.Of(file) is not (FileKind.Regular or FileKind.Denied) and var kind)
            throw new BadInputException($"--captions {file} {kind.Words()}; use sidecar, names, folders, or a .csv, .tsv or .jsonl file.");
        var stream = InputFile.Open(file, "--captions");
        Span<byte> start = stackalloc byte[4];
        int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        bool isArchive = start.StartsWith("PK\x3\x4"u8) || start.StartsWith("PAR1"u8) || start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
        if (read == 4 && isArchive)
        {
            stream.Dispose();
            throw NoText(file);
        }
        stream.Position = 0;
        return new StreamReader(stream, Utf8, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
    }

    public static BadInputException NoText(string file) =>
        new($"--captions {file} is not a text file; save it as .csv, .tsv or .jsonl in UTF-8 (not compressed, no spreadsheet).");
}
