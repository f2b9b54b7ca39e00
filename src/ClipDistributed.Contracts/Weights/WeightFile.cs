using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Pickles;
using ClipDistributed.Contracts.Safetensors;

namespace ClipDistributed.Contracts.Weights;

/// <summary>Lists the tensors of a file by its content: safetensors, or what torch.save wrote. No value is read.</summary>
public static class WeightFile
{
    private const int TarMark = 257;

    /// <exception cref="BadInputException">The file is missing, damaged, or of another kind.</exception>
    public static IReadOnlyList<WeightEntry> ReadEntries(string path)
    {
        using var file = SafetensorsHeader.Open(path);
        Span<byte> start = stackalloc byte[512];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        file.Position = 0;
        if (TorchFile.IsZip(start) || TorchFile.IsPickle(start))
            return ReadTorch(file, path, TorchFile.IsZip(start));
        if (start.StartsWith("version https://git-lfs"u8))
            throw new BadInputException($"{path} is a pointer of Git LFS, not the weights themselves; fetch them with git lfs pull.");
        if (start.Length > TarMark + 5 && start[TarMark..].StartsWith("ustar"u8))
            throw new BadInputException(
                $"{path} is a tar archive, the form of PyTorch before 0.1.10; load it with PyTorch and save it "
                    + "again by torch.save(model.state_dict(), …)."
            );
        if (!path.EndsWith(".safetensors", StringComparison.Ordinal) && start is not [_, _, _, _, _, 0, 0, 0, (byte)'{', ..])
            throw new BadInputException($"{path} is neither a safetensors file nor one that torch.save wrote.");
        var (entries, _, data) = SafetensorsHeader.ReadChecked(file, path);
        return [.. entries.Select(entry => new WeightEntry(entry.Name, entry.Type, entry.Shape, path, data + entry.Begin))];
    }

    private static List<WeightEntry> ReadTorch(FileStream file, string path, bool zip)
    {
        try
        {
            var read = zip ? TorchFile.ReadZip(file) : TorchFile.ReadPickles(file);
            return [.. read.Tensors.Select(
                tensor => new WeightEntry(tensor.Name, tensor.Format, tensor.Shape, path, tensor.Start, tensor.Strides, tensor.BigEndian))];
        }
        catch (InvalidDataException damaged)
        {
            throw new BadInputException($"{path} cannot be read as PyTorch's weights: {damaged.Message}.");
        }
    }
}
