"""What the words of a heading say about its section, as data by role and by language.

Beginnings of words: ``instal`` is found in "Instalação" and "Installation". Languages that part no words by blanks, and
Korean, are looked for anywhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Role = Literal["setup", "run", "check", "trouble", "deploy", "reference"]

_ROLES: dict[Role, dict[str, str]] = {
    "setup": {
        "en": "set ?-?up|setting up|install|prerequisite|requirement|bootstrap|clon|configur|initiali[sz]"
        "|prepar|environment"
        "|dependenc|database|migrat|seed|scaffold|creat|provision|build|compil|generat|quick ?-?start"
        "|getting started|step",
        "zh": "安装|安裝|设置|設定|配置|准备|準備|环境|環境|前置|前提|依赖|依賴|初始化|数据库|資料庫|构建"
        "|建置|创建|建立|快速开始|步骤|步驟",
        "ja": "セットアップ|インストール|準備|前提|環境|設定|初期|依存|データベース|ビルド|作成"
        "|クイックスタート|ステップ",
        "ko": "설치|설정|준비|사전|환경|의존성|초기화|데이터베이스|빌드|생성|빠른 ?시작|단계",
        "ru": "установк|настройк|подготовк|требовани|окружени|зависимост|инициализ|миграци|сборк|быстрый старт|шаг",
        "pt": "instala|configura|pré-requisito|prepara|ambiente|dependência|inicializ|migra|compila"
        "|início rápido|passo",
        "es": "instala|configura|requisito|prepara|entorno|dependencia|inicializ|migra|compila|inicio rápido|paso",
        "fr": "instal|configur|prérequis|prépar|environnement|dépendance|initialis|migration|démarrage rapide|étape",
        "de": "installation|einricht|konfigur|voraussetzung|vorbereit|umgebung|abhängigkeit|schnellstart|schritt",
        "sv": "installer|konfigur|förutsättning|förbered|miljö|beroende|snabbstart|steg",
        "it": "instal|configura|prerequisit|prepara|ambiente|dipendenz|avvio rapido|passo",
        "pl": "instalacj|konfigur|wymagani|przygotow|środowisk|zależnoś|szybki start|krok",
        "tr": "kurulum|yapılandır|gereksinim|hazırlı|ortam|bağımlılı|hızlı başlangıç|adım",
        "ar": "تثبيت|إعداد|متطلبات|البيئة|تهيئة|خطوة",
        "vi": "cài đặt|cấu hình|yêu cầu|chuẩn bị|môi trường|khởi tạo|bước",
    },
    "run": {
        "en": "run|start|launch|serv|execut|boot|open|access|use the|try|first|demo",
        "zh": "运行|運行|執行|执行|启动|啟動|访问|訪問|使用",
        "ja": "実行|起動|開始|アクセス|動か",
        "ko": "실행|시작|구동|접속",
        "ru": "запуск|выполнен|старт",
        "pt": "execu|rodar|rodando|iniciar|subir|acess",
        "es": "ejecu|iniciar|arranc|levantar|acced",
        "fr": "exécut|lanc|démarr|accéd",
        "de": "ausführ|start|öffn",
        "sv": "kör|start",
        "it": "esegu|avvi",
        "pl": "uruchom|wykonan",
        "tr": "çalıştır|başlat",
        "ar": "تشغيل|بدء",
        "vi": "chạy|khởi động",
    },
    "check": {
        "en": "test|verif|valid|check|smoke|scenario|accept|confirm|health|quality|lint|coverage|benchmark"
        "|gate|compar|e2e",
        "zh": "测试|測試|验证|驗證|检查|檢查|确认|確認|场景|情境",
        "ja": "テスト|検証|確認|シナリオ|チェック",
        "ko": "테스트|검증|확인|시나리오|점검",
        "ru": "тест|провер|сценари|валидац",
        "pt": "teste|verific|valida|cenário",
        "es": "prueba|verific|valida|comprob|escenario",
        "fr": "test|vérif|valid|scénario",
        "de": "test|prüf|überprüf|verifi|validier|szenari",
        "sv": "test|verifi|kontroll",
        "it": r"test|verific|valida|prova\b|provare",
        "pl": "test|weryfik|sprawdz|walidac|scenariusz",
        "tr": "test|doğrula|kontrol|senaryo",
        "ar": "اختبار|تحقق",
        "vi": "kiểm tra|kiểm thử|xác minh|kịch bản",
    },
    "trouble": {
        "zh": "故障|常见问题|常見問題|问题排查|疑难|疑難|排错|排錯",
        "ja": "トラブル|よくある問題|問題解決",
        "ko": "문제 ?해결|트러블|자주 묻는",
        "ru": "типичные проблемы|устранение|решение проблем|неполад",
        "pt": "solução de problemas|resolução de problemas|problemas comuns",
        "es": "solución de problemas|problemas comunes",
        "fr": "dépannage|problèmes",
        "de": "fehlerbehebung|fehlersuche|problembehandlung|häufige probleme",
        "sv": "felsökning|vanliga problem",
        "it": "risoluzione dei problemi|problemi comuni",
        "pl": "rozwiązywanie problemów|typowe problemy",
        "tr": "sorun giderme|sık karşılaşılan",
        "ar": "استكشاف الأخطاء|حل المشاكل",
        "vi": "khắc phục|xử lý sự cố|lỗi thường gặp",
    },
    "deploy": {
        "en": r"(?<!build for )(?<!building for )production(?! (?:build|mode|bundle|preview))|\bprod\b|\bci\b|ci/cd"
        r"|\bvps\b|release|staging",
        "zh": "部署|生产(?!构建|模式)|生產(?!建置|模式)|上线|发布|發佈",
        "ja": "デプロイ|本番(?!用?ビルド)|リリース",
        "ko": "배포|운영 환경|프로덕션",
        "ru": "деплой|разв[её]ртыван|продакшн|ssl",
        "pt": "implanta|produção|publicação|publicar",
        "es": "despliegue|producción|publicaci|publicar",
        "fr": "déploiement|mise en production",
        "de": "bereitstell|produktion|auslieferung",
        "sv": "driftsätt|produktion",
        "it": "distribuzione|produzione|rilascio",
        "pl": "wdroż|produkcj",
        "tr": "dağıtım|canlı ortam",
        "ar": "نشر|الإنتاج",
        "vi": "triển khai|sản xuất",
    },
    "reference": {
        "en": r"examples?\b|usage|operations?\b|workflows?\b|commands?\b|cheat|override|customi|logs?\b"
        r"|monitor|perform|profil"
        r"|writing|adding|extend|switch|rotat|upgrad|tips|api (?:endpoint|reference|call)|individual",
        "zh": "常用|参考|參考|示例|範例|范例|工作流|日志|命令|下一步|日常",
        "ja": "ワークフロー|コマンド|使用例|参考|ログ|よく使う|次のステップ|チートシート",
        "ko": "워크플로|명령어|예시|예제|참고|로그|유용한|다음 단계",
        "ru": "логов|просмотр|остановка|команд|пример|справк|полезн|обновлен",
        "pt": "comandos|exemplos?|referência|logs|úteis|próximos passos",
        "es": "comandos|ejemplos?|referencia|registros|útiles|próximos pasos",
        "fr": "commandes|exemples?|référence|journaux|utiles|prochaines étapes",
        "de": "befehle|beispiele?|referenz|protokolle|nützlich|nächste schritte|arbeitsablauf",
        "sv": "kommandon|exempel|referens|loggar|nästa steg",
        "it": "comandi|esempi|riferiment|prossimi passi",
        "pl": r"polecenia|przykład|dokumentacj|logi\b|przydatne|następne kroki",
        "tr": "komutlar|örnek|başvuru|günlük|sonraki adım",
        "ar": "أوامر|أمثلة|مرجع|سجلات",
        "vi": "lệnh|ví dụ|tham khảo|nhật ký|bước tiếp theo",
    },
}
_UNSPACED = ("zh", "ja", "ko", "ar")


def _compiled(languages: dict[str, str]) -> re.Pattern[str]:
    spaced = "|".join(words for language, words in languages.items() if language not in _UNSPACED)
    unspaced = "|".join(words for language, words in languages.items() if language in _UNSPACED)
    return re.compile(rf"(?<![^\W\d_])(?:{spaced})|{unspaced}")


_PATTERNS = {role: _compiled(languages) for role, languages in _ROLES.items()}


@lru_cache(maxsize=1024)
def roles_of(heading: str) -> frozenset[Role]:
    """Every role that a heading's words name; none for words that no language here knows."""
    words = heading[:200].lower()
    return frozenset(role for role, pattern in _PATTERNS.items() if pattern.search(words))
