#include "render/storyboard/phrases.h"

#include <array>

#include "render/storyboard/language.h"

namespace vivid::render {
namespace {

constexpr std::array<Phrases, 26> kTable{{
    {"en", "Key takeaways", "Let's review the key points."},
    {"ar", "النقاط الرئيسية", "لنراجع النقاط الرئيسية."},
    {"bn", "মূল বিষয়", "চলো মূল বিষয়গুলো আবার দেখি।"},
    {"cs", "Hlavní body", "Zopakujme si hlavní body."},
    {"de", "Das Wichtigste", "Fassen wir das Wichtigste zusammen."},
    {"el", "Βασικά σημεία", "Ας δούμε ξανά τα βασικά σημεία."},
    {"es", "Puntos clave", "Repasemos los puntos clave."},
    {"fa", "نکته‌های اصلی", "بیایید نکته‌های اصلی را مرور کنیم."},
    {"fr", "Points clés", "Revoyons les points clés."},
    {"he", "נקודות עיקריות", "בואו נחזור על הנקודות העיקריות."},
    {"hi", "मुख्य बातें", "आइए मुख्य बातें दोहराएँ।"},
    {"id", "Poin penting", "Mari kita ulas poin-poin penting."},
    {"it", "Punti chiave", "Ripassiamo i punti chiave."},
    {"ja", "まとめ", "大切なポイントを振り返りましょう。"},
    {"ko", "핵심 정리", "핵심 내용을 다시 살펴봅시다."},
    {"nl", "Kernpunten", "Laten we de kernpunten herhalen."},
    {"pl", "Najważniejsze", "Powtórzmy najważniejsze informacje."},
    {"pt", "Pontos-chave", "Vamos rever os pontos-chave."},
    {"ru", "Главное", "Давайте повторим главное."},
    {"sv", "Det viktigaste", "Låt oss repetera det viktigaste."},
    {"sw", "Mambo muhimu", "Tupitie mambo muhimu."},
    {"tr", "Önemli noktalar", "Önemli noktaları gözden geçirelim."},
    {"uk", "Головне", "Повторімо головне."},
    {"ur", "اہم نکات", "آئیے اہم نکات دہرائیں۔"},
    {"vi", "Điểm chính", "Hãy cùng ôn lại những điểm chính."},
    {"zh", "要点回顾", "让我们回顾一下要点。"},
}};

constexpr Phrases kTraditionalChinese{"zh-Hant", "重點回顧", "讓我們回顧一下重點。"};

bool is_traditional_chinese(std::string_view tag) {
  return tag.starts_with("zh-Hant") || tag.starts_with("zh-TW") || tag.starts_with("zh-HK") || tag.starts_with("zh-MO");
}

}  // namespace

const Phrases& phrases_for(std::string_view language) {
  if (is_traditional_chinese(language)) return kTraditionalChinese;
  for (const Phrases& row : kTable) {
    if (row.language == primary_language(language)) return row;
  }
  return kTable[0];
}

}  // namespace vivid::render
