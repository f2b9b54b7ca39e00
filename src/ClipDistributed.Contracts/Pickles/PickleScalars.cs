using System.Numerics;
using System.Text;

namespace ClipDistributed.Contracts.Pickles;

/// <summary>The instructions of a pickle that hold their value: numbers, strings, bytes.</summary>
/// <param name="maxText">Bytes of all strings.</param>
internal sealed class PickleScalars(PickleInput input, long maxText)
{
    private const int MaxIntegerBytes = 256;

    private long textLeft = maxText;

    /// <returns>False: the instruction is another one, and nothing is read.</returns>
    /// <exception cref="InvalidDataException">It is torn, or there is too much text.</exception>
    public bool TryRead(Opcode code, out object? value)
    {
        value = null;
        switch (code)
        {
            case Opcode.None:
                break;
            case Opcode.True or Opcode.False:
                value = code == Opcode.True;
                break;
            case Opcode.BinInt:
                value = (long)(int)input.ReadNumber(4);
                break;
            case Opcode.BinInt1 or Opcode.BinInt2:
                value = (long)input.ReadNumber(code == Opcode.BinInt1 ? 1 : 2);
                break;
            case Opcode.Long1 or Opcode.Long4:
                value = Integer(input.ReadBytes(input.ReadNumber(code == Opcode.Long1 ? 1 : 4), MaxIntegerBytes));
                break;
            case Opcode.BinFloat:
                value = input.ReadDouble();
                break;
            case Opcode.BinUnicode or Opcode.ShortBinUnicode or Opcode.BinUnicode8 or Opcode.BinString or Opcode.ShortBinString:
                value = Encoding.UTF8.GetString(ReadBytes(LengthOf(code)));
                break;
            case Opcode.BinBytes or Opcode.ShortBinBytes or Opcode.BinBytes8 or Opcode.ByteArray8:
                ReadBytes(LengthOf(code)); // no weight lies in bytes
                break;
            default:
                return false;
        }
        return true;
    }

    private ulong LengthOf(Opcode code) => input.ReadNumber(code switch
    {
        Opcode.ShortBinUnicode or Opcode.ShortBinString or Opcode.ShortBinBytes => 1,
        Opcode.BinUnicode8 or Opcode.BinBytes8 or Opcode.ByteArray8 => 8,
        _ => 4,
    });

    private byte[] ReadBytes(ulong length)
    {
        byte[] bytes = input.ReadBytes(length, textLeft);
        textLeft -= bytes.Length;
        return bytes;
    }

    /// <summary>Two's complement, the lowest byte first.</summary>
    private static object Integer(byte[] bytes)
    {
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value; // without the cast both would be big
    }
}
