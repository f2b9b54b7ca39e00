using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Safetensors;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// What torch.save wrote, in either of its forms (PyTorch, torch/serialization.py): since 1.6 a zip archive with <c>data.pkl</c> and a
/// file for each storage; before that five pickles, then each storage. The pickles are read, the storages are only located.
/// </summary>
public sealed class TorchFile
{
    private const string Pickle = "data.pkl";
    private const int MaxOrderBytes = 16;

    // 0x1950a86a20f9469cfc6c, as the first pickle of the old form has it.
    private static readonly byte[] Magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    private TorchFile(IReadOnlyList<TorchTensor> tensors) => Tensors = tensors;

    /// <summary>Of the state_dict.</summary>
    public IReadOnlyList<TorchTensor> Tensors { get; }

    /// <param name="start">The first bytes of a file.</param>
    public static bool IsZip(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    public static bool IsPickle(ReadOnlySpan<byte> start) => start is [0x80, >= 2 and <= 5, ..];

    /// <exception cref="InvalidDataException">The file is damaged, names what is not built, or holds no state_dict.</exception>
    public static TorchFile ReadZip(Stream file)
    {
        var zip = ZipDirectory.Read(file);
        string pickle = zip.Entries.Keys.FirstOrDefault(name => name.Split('/') is [Pickle] or [_, Pickle])
            ?? throw new InvalidDataException($"it is a zip archive without {Pickle}, which torch.save did not write");
        string folder = pickle[..^Pickle.Length];
        bool script = zip.Entries.ContainsKey(folder + "constants.pkl");
        var (start, length) = zip.Find(pickle);
        object? root = PickleReader.Read(new PickleInput(file, start, start + length), new TorchObjects(script));
        bool bigEndian = zip.Entries.ContainsKey(folder + "byteorder") && IsBigEndian(file, zip.Find(folder + "byteorder"));
        return new TorchFile([.. StateDict.Of(root).Select(item =>
            Locate(item.Name, item.Value, zip.Find($"{folder}data/{item.Value.Storage.Key}"), bigEndian))]);
    }

    /// <inheritdoc cref="ReadZip"/>
    public static TorchFile ReadPickles(Stream file)
    {
        var input = new PickleInput(file, 0, file.Length);
        var objects = new TorchObjects();
        if (PickleReader.Read(input, objects) is not System.Numerics.BigInteger magic || !magic.ToByteArray().AsSpan().SequenceEqual(Magic))
            throw new InvalidDataException(
                "it is a pickle that torch.save did not write; save the weights by torch.save(model.state_dict(), …)");
        if (PickleReader.Read(input, objects) is not 1001L)
            throw new InvalidDataException("it has another version than 1001, the only one that PyTorch wrote");
        bool bigEndian = PickleReader.Read(input, objects) is PickleDict system && system.Find("little_endian") is false;
        object? root = PickleReader.Read(input, objects);
        if (PickleReader.Read(input, objects) is not PickleList keys)
            throw new InvalidDataException("it lists no storages");
        var places = new Dictionary<string, (long Start, long Length)>();
        long at = input.Position;
        foreach (object? key in keys.Items)
        {
            if (key is not string name || !objects.Storages.TryGetValue(name, out int size))
                throw new InvalidDataException($"it lists the storage {TorchObjects.Shown(key?.ToString() ?? "")}, which no tensor names");
            ulong count = at <= file.Length - 8
                ? new PickleInput(file, at, at + 8).ReadNumber(8)
                : throw new InvalidDataException($"storage {TorchObjects.Shown(name)} is missing; the file was cut off");
            long left = file.Length - at - 8;
            if (count > (ulong)(left / size))
                throw new InvalidDataException(
                    $"storage {TorchObjects.Shown(name)} claims {Counted.Plain(count, "value")}, {Counted.Plain(left, "byte")} are left; "
                        + $"the file was cut off"
                );
            if (!places.TryAdd(name, (at + 8, (long)count * size)))
                throw new InvalidDataException($"it lists the storage {TorchObjects.Shown(name)} twice");
            at += 8 + (long)count * size;
        }
        return new TorchFile(
            [.. StateDict.Of(root).Select(item => Locate(item.Name, item.Value, PlaceOf(item.Value.Storage.Key), bigEndian))]);

        (long Start, long Length) PlaceOf(string storage) => places.TryGetValue(storage, out var place)
            ? place
            : throw new InvalidDataException($"storage {TorchObjects.Shown(storage)} is missing");
    }

    /// <summary>Checked against what the file has of the storage, whatever the pickle says of it.</summary>
    private static TorchTensor Locate(string name, PickleTensor tensor, (long Start, long Length) place, bool bigEndian)
    {
        var storage = tensor.Storage;
        int size = NumberFormats.SizeOf(tensor.Format)!.Value, unit = NumberFormats.SizeOf(storage.Format)!.Value;
        if (storage.First + storage.Count > place.Length / unit)
            throw new InvalidDataException(
                $"storage {TorchObjects.Shown(storage.Key)} claims {Counted.Plain(storage.Count, "value")}, the file holds "
                    + $"{Counted.Plain(place.Length, "byte")} of it"
            );
        long start = place.Start + storage.First * unit + tensor.Offset * size;
        return new TorchTensor(name, tensor.Format, tensor.Shape, tensor.Strides, start, bigEndian && size > 1);
    }

    private static bool IsBigEndian(Stream file, (long Start, long Length) entry)
    {
        var input = new PickleInput(file, entry.Start, entry.Start + entry.Length);
        string order = Encoding.ASCII.GetString(input.ReadBytes((ulong)entry.Length, MaxOrderBytes));
        return order switch
        {
            "little" => false,
            "big" => true,
            _ => throw new InvalidDataException($"its byte order is {TorchObjects.Shown(order)}; use little or big"),
        };
    }
}
