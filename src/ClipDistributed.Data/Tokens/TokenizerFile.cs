using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Data.Tokens;

/// <summary>Finds a vocabulary at a path and recognises its kind by its first bytes.</summary>
internal static class TokenizerFile
{
    /// <summary>Bytes; the largest known tokenizer.json has a third of them.</summary>
    public const long MaxFile = 100_000_000;

    /// <summary>The largest known vocabulary has a quarter of them.</summary>
    public const int MaxSymbols = 1_000_000;

    /// <exception cref="BadInputException">No such file, unreadable, damaged, or another format.</exception>
    public static (BpeVocabulary Vocabulary, CleanMode Clean) Read(string path)
    {
        string file = Directory.Exists(path) ? FindIn(path) : path;
        try
        {
            if (Path.GetFileName(file) is VocabularyFiles.Symbols or VocabularyFiles.Merges && VocabularyFiles.AreIn(FolderOf(file)))
                return (VocabularyFiles.Read(FolderOf(file)).Checked(file), CleanMode.Lower);
            using var stream = InputFile.OpenRegular(file);
            if (stream.Length > MaxFile)
                throw new BadInputException(
                    $"{file} has {Counted.Of(stream.Length, "byte")}; a tokenizer's file has at most {MaxFile:N0}."
                );
            Span<byte> start = stackalloc byte[2];
            int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            stream.Position = 0;
            var (vocabulary, clean) = start[..length] switch
            {
                [0x1f, 0x8b] => (OpenAiMergesFile.Read(stream, file), CleanMode.Lower),
                [(byte)'{', ..] => TokenizerJson.Read(stream, file),
                _ => throw new BadInputException(
                    $"{file}: is neither a tokenizer.json nor gzip; use one of them, {TokenizerJson.Name} or OpenAI's "
                        + $"{OpenAiMergesFile.Name}."
                ),
            };
            return (vocabulary.Checked(file), clean);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"{file}: cannot be opened ({missing.Message}); use a tokenizer.json or OpenAI's {OpenAiMergesFile.Name}.");
        }
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <summary>Whether a folder holds a vocabulary under one of the usual names.</summary>
    public static bool IsIn(string folder) => TryFindIn(folder) is not null;

    private static string FindIn(string folder) => TryFindIn(folder)
        ?? throw new BadInputException(
            $"{folder}: holds neither {TokenizerJson.Name} nor {OpenAiMergesFile.Name} nor {VocabularyFiles.Symbols} with "
                + $"{VocabularyFiles.Merges}; copy one of them there."
        );

    private static string? TryFindIn(string folder) =>
        new[] { TokenizerJson.Name, OpenAiMergesFile.Name }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? (VocabularyFiles.AreIn(folder) ? Path.Combine(folder, VocabularyFiles.Symbols) : null);
}
