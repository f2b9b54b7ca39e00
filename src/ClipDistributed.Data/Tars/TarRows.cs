using System.Text;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tars;

/// <summary>Reads the bytes of rows, in the order in which they lie.</summary>
internal sealed class TarRows(IByteSource source, TarColumns columns, bool withImages)
{
    /// <summary>Of a caption, a label or a JSON member; a longer one counts as absent.</summary>
    public const int MaxText = 1 << 20;

    private const int Window = 1 << 20, SmallWindow = 4096;

    private readonly SourceWindow window = new(source, withImages ? Window : SmallWindow);

    /// <summary>What of a row is held in memory.</summary>
    public static long BytesOf(TarRow row) =>
        (row.Image.Size <= ImageDecoder.MaxFile ? row.Image.Size : 0) + (row.Caption is { Size: <= MaxText } text ? text.Size : 0);

    /// <summary>Null: it is larger than any image that is decoded.</summary>
    public byte[]? Image(TarRow row) => Load(row.Image, ImageDecoder.MaxFile);

    public string? Caption(TarRow row) => Text(row.Caption, columns.CaptionField).Text;

    /// <summary>A number, or such a text as an ending of WebDataset's own says to be one.</summary>
    public (string? Text, bool IsNumber) Label(TarRow row) =>
        columns.LabelField is { } field
            ? Text(row.Label, field)
            : (Text(row.Label, null).Text?.Trim(), columns.LabelMember.Contains("cls"));

    private (string? Text, bool IsNumber) Text(TarPlace? place, string? field)
    {
        byte[]? bytes = place is null ? null : Load(place.Value, MaxText);
        return field is not null ? JsonField.Find(bytes, field) : (bytes is null ? null : Encoding.UTF8.GetString(bytes), false);
    }

    private byte[]? Load(TarPlace place, long max)
    {
        if (place.Size > max)
            return null;
        byte[] bytes = new byte[place.Size];
        window.Read(place.Start, bytes);
        return bytes;
    }
}
